"""UI that every page is made with: languages, time zones, theme, numbers, Markdown, static files."""
