#!/bin/sh
# nginx cannot read its environment: where web answers (WEB_ADDRESS) reaches it as a file.
set -eu
echo "set \$upstream http://${WEB_ADDRESS:-web:8000};" >/tmp/web.conf
# It stays the first process, so QUIT reaches it.
exec nginx -e /dev/stderr -g 'daemon off;'
