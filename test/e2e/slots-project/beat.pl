# Beats as long as it runs. A second one beside it writes that down.
use strict;
use warnings;
use Fcntl;

my $mine = "/beats/running";
$SIG{TERM} = sub { unlink $mine; exit 0 };
if (sysopen my $file, $mine, O_CREAT | O_EXCL) { close $file }
else { open my $doubled, ">>", "/beats/doubled" or die "doubled: $!"; print $doubled "x\n" }
while (1) {
    open my $beats, ">>", "/beats/beats" or die "beats: $!";
    print $beats time, "\n";
    close $beats;
    sleep 1;
}
