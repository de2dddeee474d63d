"""Web pages and the JSON API. The web shows verdicts; it neither observes nor judges."""
