# Hands every request on to where the routes say; 502 where nobody is there yet.
use strict;
use warnings;
use IO::Socket::INET;

$SIG{TERM} = sub { exit 0 };
open my $routes, "<", "/etc/routes.txt" or die "routes: $!";
my (undef, $target) = split " ", scalar <$routes>;
my $server = IO::Socket::INET->new(LocalPort => 8080, Listen => 64, ReuseAddr => 1) or die "listen: $!";
while (my $client = $server->accept) {
    while (defined(my $header = <$client>)) { last if $header =~ /^\r?\n$/ }
    my $behind = IO::Socket::INET->new(PeerAddr => $target, Timeout => 2);
    if ($behind) {
        print $behind "GET / HTTP/1.1\r\nHost: api\r\n\r\n";
        print $client $_ while <$behind>;
        close $behind;
    }
    else {
        print $client "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    }
    close $client;
}
