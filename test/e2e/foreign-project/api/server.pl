# Greets whoever asks, on port 9000.
use strict;
use warnings;
use IO::Socket::INET;

$SIG{TERM} = sub { exit 0 };
my $server = IO::Socket::INET->new(LocalPort => 9000, Listen => 64, ReuseAddr => 1) or die "listen: $!";
while (my $client = $server->accept) {
    while (defined(my $header = <$client>)) { last if $header =~ /^\r?\n$/ }
    my $body = "$ENV{GREETING}\n";
    print $client "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: ", length($body),
        "\r\nConnection: close\r\n\r\n$body";
    close $client;
}
