# Answers /healthz by itself, and /posts by what the database says to its release's query: 500 where that is no answer.
use strict;
use warnings;
use IO::Socket::INET;
use IPC::Open2;

my $server = IO::Socket::INET->new(LocalPort => 8080, Listen => 128, ReuseAddr => 1) or die "listen: $!";
$SIG{CHLD} = "IGNORE";
$SIG{TERM} = sub { exit 0 };
$SIG{PIPE} = "IGNORE";

open my $file, "<", "/srv/query" or die "query: $!";
chomp(my $query = <$file>);
close $file;

# One session for each connection: a client for each request would cost more than the request. What fails says so in capitals.
my ($from, $to);

sub ask_database {
    open2($from, $to, "sh", "-c", "exec psql --no-psqlrc -qtA 2>&1") unless $to;
    print $to "$query;\n\\echo over\n";
    $to->flush;
    my $body = "";
    while (defined(my $line = <$from>)) {
        return ($body =~ /ERROR|FATAL/ ? "500 Internal Server Error" : "200 OK", $body) if $line eq "over\n";
        $body .= $line;
    }
    undef $to;
    return ("500 Internal Server Error", "$body the session has ended");
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
