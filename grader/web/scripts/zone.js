// Which time zone the browser is set to: only it knows. A cookie tells the server on every page, and the forms
// by which one signs in or joins send it along, so that the account knows it where no cookie is.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zone) {
  document.cookie = `tz=${encodeURIComponent(zone)};path=/;max-age=31536000;samesite=lax`;
  for (const field of document.querySelectorAll('input[name="zone"]')) field.value = zone;
}
