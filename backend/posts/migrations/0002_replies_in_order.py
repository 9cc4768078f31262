from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('posts', '0001_initial'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='reply',
            index=models.Index(fields=['post', '-created_at', '-id'], name='replies_in_order'),
        ),
    ]
