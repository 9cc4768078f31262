# Health check: does the server accept?
use IO::Socket::INET;
exit(IO::Socket::INET->new(PeerAddr => "127.0.0.1:8080", Timeout => 2) ? 0 : 1);
