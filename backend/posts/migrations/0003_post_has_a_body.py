from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('posts', '0002_replies_in_order'),
    ]

    operations = [
        migrations.AddConstraint(
            model_name='post',
            constraint=models.CheckConstraint(check=models.Q(('body', ''), _negated=True), name='post_has_a_body'),
        ),
    ]
