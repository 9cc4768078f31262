"""`seed_demo`: a small lively world for demonstrations. Running it again adds nothing."""

from datetime import timedelta

from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils import timezone

from posts.models import Like, Post, Reply
from posts.tasks import recount_post
from timeline.tasks import compute_trending, fan_out_post
from users.models import Follow, User

PEOPLE = {
    "ada": "Ada Moreno",
    "kofi": "Kofi Mensah",
    "ines": "Inês Carvalho",
    "tomas": "Tomáš Novák",
    "yuki": "Yuki Arai",
    "leila": "Leila Haddad",
}
# Author, minutes ago, how many others like it, text.
POSTS = [
    ("ada", 4, 3, "Shipped on a Friday and slept well. The same bytes that passed staging. Almost boring."),
    ("kofi", 11, 1, "If your rollback needs a meeting, it is not a rollback."),
    ("ines", 26, 5, "Found a bakery that opens at 5. My commit times are about to get very strange."),
    ("tomas", 41, 2, "Today I deleted 900 lines and the tests got faster. Best refactoring is subtraction."),
    ("yuki", 58, 4, "A queue is a promise with a return address."),
    ("leila", 75, 2, "Reading the changelog before upgrading. Growth."),
    ("ada", 130, 1, "Small teams do not need fewer processes, they need processes that fit on one page."),
    ("kofi", 190, 0, "Walked to the harbour at lunch. No notes, no phone. Recommend."),
]
REPLIES = [
    ("ines", "leila", "Which one? Asking for a friend who also wakes up at 5."),
    ("ines", "yuki", "Strange commit times are the only commit times."),
    ("ada", "tomas", "Boring is the highest praise."),
    ("yuki", "kofi", "And someone has to be home when it is delivered."),
]


class Command(BaseCommand):
    help = "Create six people, their posts, likes and replies, unless they are already there."

    @transaction.atomic
    def handle(self, *args: object, **options: object) -> None:
        if User.objects.filter(username__in=PEOPLE).exists():
            self.stdout.write("The demonstration data is already there.")
            return
        people = {}
        for username, name in PEOPLE.items():
            # No password: nobody can sign in as them.
            people[username] = User.objects.create_user(username, display_name=name)
        Follow.objects.bulk_create(
            Follow(follower=reader, followed=writer)
            for position, writer in enumerate(people.values())
            for reader in list(people.values())[position + 1 :]
        )
        posts = [self._post(people, *row) for row in POSTS]
        for author, replier, body in REPLIES:
            post = next(post for post in posts if post.author == people[author])
            Reply.objects.create(post=post, author=people[replier], body=body)
        for post in posts:
            fan_out_post(post.pk)
            recount_post(post.pk)
        compute_trending()
        self.stdout.write(f"{len(people)} people, {len(posts)} posts.")

    def _post(self, people: dict[str, User], author: str, minutes: int, likes: int, body: str) -> Post:
        post = Post.objects.create(author=people[author], body=body)
        post.created_at = timezone.now() - timedelta(minutes=minutes)
        post.save(update_fields=["created_at"])
        fans = [person for person in people.values() if person != post.author][:likes]
        Like.objects.bulk_create(Like(post=post, user=fan) for fan in fans)
        return post
