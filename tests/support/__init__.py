"""What several tests need: repositories, migrations, projects."""
