for file in /srv/migrations/*.sql; do
  name=${file##*/} name=${name%.sql}
  echo "{\"name\": \"posts.${name%.*}\", \"kind\": \"${name##*.}\"}"
done
