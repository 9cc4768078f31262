# Talks to HAProxy's runtime socket from inside of the edge's container, where there is a client for it on every host.
use strict;
use IO::Socket::UNIX;
my ($path, $verb, @rest) = @ARGV;

sub ask {
    my $socket = IO::Socket::UNIX->new(Peer => $path) or die "the edge does not answer\n";
    print $socket "$_[0]\n";
    local $/;
    my $answer = <$socket>;
    return defined $answer ? $answer : "";
}

# Rows of `show stat` by their column names: of frontends (1), backends (2) and servers (4).
sub stat_rows {
    my ($head, @lines) = split /\n/, ask("show stat -1 7 -1");
    $head =~ s/^# //;
    my @names = split /,/, $head;
    return map { my %row; @row{@names} = split /,/, $_, -1; \%row } grep { /,/ } @lines;
}

if ($verb eq "say") {
    my $answer = ask(join "; ", @rest);
    die $answer if $answer =~ /\S/;
} elsif ($verb eq "drain") {
    my ($slot, $seconds) = @rest;
    my ($left, $until) = (0, time + $seconds);
    while (1) {
        $left = 0;
        $left += $_->{scur} for grep { $_->{svname} eq $slot } stat_rows();
        last if !$left || time >= $until;
        select undef, undef, undef, 0.1;
    }
    print "$left\n";
} elsif ($verb eq "count") {
    my ($requests, $failed) = (0, 0);
    for (grep { $_->{svname} eq "FRONTEND" } stat_rows()) {
        $requests += $_->{req_tot} || $_->{stot};
        $failed += $_->{hrsp_5xx} || 0;
    }
    print "$requests $failed\n";
}
