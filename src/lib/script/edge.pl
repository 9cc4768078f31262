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
    # Until nothing is under way there, and the last page that it gave has had two seconds to ask for its assets. Whoever asks
    # again and again for what no slot has is not waited for.
    my ($slot, $seconds) = @rest;
    my ($left, $until, $patience) = (0, time + $seconds, time + 5);
    while (1) {
        my @rows = grep { $_->{svname} eq $slot } stat_rows();
        $left = 0;
        $left += $_->{scur} for @rows;
        my $recent = time < $patience && grep { ($_->{lastsess} // "") =~ /^[01]$/ } @rows;
        last if !$left && !$recent || time >= $until;
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
} elsif ($verb eq "waits") {
    # Of the answers that the ring still has since $from: the longest time in which somebody waited and nobody was answered,
    # and how long 99 of 100 had waited at most, before $steered and after it. Milliseconds; null where there are none.
    my ($from, $steered) = @rest;
    my @answers;
    for (split /\n/, ask("show events answers")) {
        my ($end, $status, $took, $sending) = /^(\d+) (-?\d+) (-?\d+) (-?\d+)$/ or next;
        $sending = 0 if $sending < 0;
        # What a client gave up was no answer to anybody.
        next if $status <= 0 || $took < 0 || $end - $sending < $from;
        push @answers, { at => $end - $sending, waited => $took - $sending, good => $status < 500 };
    }
    @answers = sort { $a->{at} <=> $b->{at} } @answers;
    my ($gap, $asked, $next);
    for my $answer (reverse @answers) {
        $next = $asked = $answer->{at} if !defined $next;
        if ($answer->{good}) {
            my $since = $asked > $answer->{at} ? $asked : $answer->{at};
            $gap = $next - $since if !defined $gap || $next - $since > $gap;
            $next = $answer->{at};
        }
        my $began = $answer->{at} - $answer->{waited};
        $asked = $began if $began < $asked;
    }
    $gap = $next - $asked if @answers && !$answers[0]{good} && $next - $asked > ($gap || 0);
    my $p99 = sub {
        my @waited = sort { $a <=> $b } map { $_->{waited} } grep { $_->{good} } @_;
        return @waited ? $waited[int(0.99 * $#waited + 0.5)] : "null";
    };
    my $before = $p99->(grep { $_->{at} < $steered } @answers);
    my $after = $p99->(grep { $_->{at} >= $steered } @answers);
    print defined $gap ? $gap : "null", " $before $after\n";
}
