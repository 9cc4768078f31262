# Answers what its release is, on connections that are kept; what was begun is finished when it is told to stop. /slow takes
# its time; of a release that is called faulty one answer of fifty is a 500, and a lazy one lets everybody wait; who wants another protocol, or asks on 8081, hears each line again after what the release is. Of assets it has its own.
use strict;
use warnings;
use IO::Select;
use IO::Socket::INET;

open my $file, "<", "/srv/change" or die "change: $!";
chomp(my $change = <$file>);
# Only where the host's environment says so.
die "$change does not come up here" if $change eq ($ENV{FAILS} // "");
my ($http, $tcp) =
  map { IO::Socket::INET->new(LocalPort => $_, Listen => 128, ReuseAddr => 1) or die "listen: $!" } 8080, 8081;
$SIG{CHLD} = "IGNORE";
$SIG{TERM} = sub { exit 0 };

# Every process that answers counts in one file.
sub is_faulty {
    return 0 unless $change eq "faulty";
    open my $answers, ">>", "/tmp/answers" or die "answers: $!";
    syswrite $answers, "x";
    return -s $answers > 0 && (-s $answers) % 50 == 0;
}

sub echo {
    my ($client) = @_;
    while (defined(my $line = <$client>)) { print $client "$change $line"; $client->flush }
    exit 0;
}

sub answer {
    my ($client) = @_;
    while (1) {
        my ($length, $wants, $begun, $status) = (0, "", 0, "200 OK");
        while (defined(my $line = <$client>)) {
            sleep 4 if !$begun++ && $line =~ m{ /slow };
            $status = "404 Not Found" if $line =~ m{ /assets/app[.](\w+)hashed[.]js } && $1 ne $change;
            $length = $1 if $line =~ /^content-length: *(\d+)/i;
            $wants = $1 if $line =~ /^upgrade: *(\w+)/i;
            last if $line =~ /^\r?\n$/;
        }
        exit 0 unless $begun;
        if ($wants) {
            print $client "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: $wants\r\n\r\n";
            $client->flush;
            echo($client);
        }
        read $client, my $body, $length if $length;
        $status = "500 Internal Server Error" if is_faulty();
        select undef, undef, undef, 0.3 if $change eq "lazy";
        print $client "HTTP/1.1 $status\r\nContent-Length: ", length $change, "\r\n\r\n$change";
        $client->flush;
    }
}

my $both = IO::Select->new($http, $tcp);
while (1) {
    for my $server ($both->can_read) {
        my $client = $server->accept or next;
        next if fork;
        close $_ for $http, $tcp;
        $SIG{TERM} = "DEFAULT" if $server == $tcp;
        if ($server == $tcp) { echo($client) } else { answer($client) }
    }
}
