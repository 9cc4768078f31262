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

# By slot: its weight, the answers that it gave, or owed and did not give, and those of them that were failures. Of a front on
# which no HTTP is spoken, connections. Assets are asked of one slot first, and say nothing of how both do.
sub slot_rows {
    my %slots = map { $_ => { weight => 0, requests => 0, failed => 0 } } qw(blue green);
    for my $row (grep { $_->{pxname} =~ /^slots_/ && $slots{ $_->{svname} } } stat_rows()) {
        my $slot = $slots{ $row->{svname} };
        my $bad = ($row->{econ} || 0) + ($row->{eresp} || 0);
        my $answers = 0;
        $answers += $row->{"hrsp_$_"} || 0 for qw(1xx 2xx 3xx 4xx 5xx other);
        $slot->{weight} = $row->{weight} || 0;
        $slot->{requests} += ($row->{hrsp_2xx} // "") eq "" ? $row->{stot} || 0 : $answers + $bad;
        $slot->{failed} += $bad + ($row->{hrsp_5xx} || 0);
    }
    return \%slots;
}

# Less what there was before. An edge that was started anew has counted less than that: then nothing is known.
sub since {
    my ($slots, @tally) = @_;
    for my $name (qw(blue green)) {
        for my $what (qw(requests failed)) {
            $slots->{$name}{$what} -= shift @tally;
            die "it was started anew\n" if $slots->{$name}{$what} < 0;
        }
    }
    return $slots;
}

# Of how long answers took, in milliseconds, no more is told than between which two of these they lie.
my @bounds = (1, 2, 3, map { ($_, $_ * 1.5) } map { 4 * 2**$_ } 0 .. 12);

# What a slot answers in its first seconds says how cold it is.
my $cold = 5_000;

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
        my ($end, $status, $took, $sending) = /^(\d+) (-?\d+) (-?\d+) (-?\d+)(?: \S+)?$/ or next;
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
} elsif ($verb eq "tally") {
    my $slots = slot_rows();
    print join(" ", map { @$_{qw(requests failed)} } @$slots{qw(blue green)}), "\n";
} elsif ($verb eq "slots") {
    my ($from, $serving, @tally) = @rest;
    my $slots = since(slot_rows(), @tally);
    my %times;
    for (split /\n/, ask("show events answers")) {
        my ($end, $took, $sending, $slot) = m{^(\d+) -?\d+ (-?\d+) (-?\d+) slots_\d+/(blue|green)$} or next;
        $sending = 0 if $sending < 0;
        next if $took < 0 || $end - $took < $from + $cold;
        my ($bound) = grep { $took - $sending <= $_ } @bounds;
        $times{$slot}{ $bound // 1e9 }++;
    }
    my $text = sub {
        my ($name) = @_;
        my $slot = $slots->{$name};
        my $of = $times{$name} || {};
        my $list = join ",", map { "[$_,$of->{$_}]" } sort { $a <=> $b } keys %$of;
        return sprintf '{"weight":%d,"requests":%d,"failed":%d,"times":[%s]}', @$slot{qw(weight requests failed)}, $list;
    };
    printf '{"old":%s,"new":%s}', $text->($serving), $text->($serving eq "blue" ? "green" : "blue");
} elsif ($verb eq "weight") {
    print slot_rows()->{ $rest[0] }{weight}, "\n";
} elsif ($verb eq "own") {
    my ($slot, @tally) = @rest;
    print join(",", @{ since(slot_rows(), @tally)->{$slot} }{qw(requests failed)}), "\n";
} elsif ($verb eq "served") {
    my ($slot, $before, @tally) = @rest;
    my $since = since(slot_rows(), @tally)->{$slot};
    my ($requests, $failed) = $before =~ /^(\d+),(\d+)$/;
    printf '{"requests":%d,"failed":%d,"before":%s}', @$since{qw(requests failed)},
      defined $failed ? "{\"requests\":$requests,\"failed\":$failed}" : "null";
}
