# Answers HTTP on 8080 with nothing but what Debian's base system brings.
use strict;
use warnings;
use IO::Socket::INET;

my $server = IO::Socket::INET->new(LocalPort => 8080, Listen => 64, ReuseAddr => 1) or die "listen: $!";
my $css = "/static/site.1f0e2d3c4b5a.css";
my %pages = (
    "/healthz" => ["application/json", "{\"status\":\"ok\"}"],
    "/"        => ["text/html", "<link rel=\"stylesheet\" href=\"$css\">"],
    $css       => ["text/css", "a { color: red }"],
    "/env"     => ["text/plain", "GREETING=" . ($ENV{GREETING} // "") . "\n"],
);
print STDERR "the secret is $ENV{SECRET}\n";
while (my $client = $server->accept) {
    my $line = <$client> // "";
    while (defined(my $header = <$client>)) { last if $header =~ /^\r?\n$/ }
    my ($path) = $line =~ /^GET (\S+)/;
    my $page = $pages{$path // ""};
    my ($status, $type, $body) = $page ? ("200 OK", @$page) : ("404 Not Found", "text/plain", "no such page");
    print $client "HTTP/1.1 $status\r\nContent-Type: $type\r\nContent-Length: ", length($body),
        "\r\nX-Release: $ENV{REVISION}\r\nConnection: close\r\n\r\n$body";
    close $client;
}
