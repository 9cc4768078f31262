# Answers /healthz by itself, and /posts by what the database says to its release's query: 500 where that is no answer.
use strict;
use warnings;
use IO::Socket::INET;

my $server = IO::Socket::INET->new(LocalPort => 8080, Listen => 128, ReuseAddr => 1) or die "listen: $!";
$SIG{CHLD} = "IGNORE";
$SIG{TERM} = sub { exit 0 };

sub ask_database {
    local $SIG{CHLD} = "DEFAULT";
    my $answer = qx(psql --no-psqlrc -v ON_ERROR_STOP=1 -qtA -f /srv/query 2>&1);
    return ($? == 0 ? "200 OK" : "500 Internal Server Error", $answer);
}

sub answer {
    my ($client) = @_;
    $SIG{TERM} = "IGNORE";
    while (1) {
        my $asked;
        while (defined(my $line = <$client>)) {
            $asked //= $line;
            last if $line =~ /^\r?\n$/;
        }
        exit 0 unless defined $asked;
        my ($status, $body) = $asked =~ m{ /posts } ? ask_database() : ("200 OK", "well");
        print $client "HTTP/1.1 $status\r\nContent-Length: ", length $body, "\r\n\r\n$body";
        $client->flush;
    }
}

while (1) {
    my $client = $server->accept or next;
    next if fork;
    close $server;
    answer($client);
}
