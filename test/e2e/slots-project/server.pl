# Answers what its release is, on connections that are kept; what was begun is finished when it is told to stop.
use strict;
use warnings;
use IO::Socket::INET;

open my $file, "<", "/srv/change" or die "change: $!";
chomp(my $change = <$file>);
# Only where the host's environment says so.
die "$change does not come up here" if $change eq ($ENV{FAILS} // "");
my $server = IO::Socket::INET->new(LocalPort => 8080, Listen => 128, ReuseAddr => 1) or die "listen: $!";
$SIG{CHLD} = "IGNORE";
$SIG{TERM} = sub { exit 0 };
while (1) {
    my $client = $server->accept or next;
    next if fork;
    close $server;
    while (1) {
        my ($length, $begun) = (0, 0);
        while (defined(my $line = <$client>)) {
            $begun = 1;
            $length = $1 if $line =~ /^content-length: *(\d+)/i;
            last if $line =~ /^\r?\n$/;
        }
        exit 0 unless $begun;
        read $client, my $body, $length if $length;
        print $client "HTTP/1.1 200 OK\r\nContent-Length: ", length $change, "\r\n\r\n$change";
        $client->flush;
    }
}
