// Copies the command beside a button; without this file the text can still be selected.
for (const button of document.querySelectorAll('.command button')) {
  button.hidden = false;
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(button.parentElement.querySelector('pre').textContent);
    button.textContent = 'Copied';
    setTimeout(() => {
      button.textContent = 'Copy';
    }, 1500);
  });
}
// Pages on which something is in motion bring themselves up to date, and only while they are looked at.
const seconds = Number(document.body.dataset.refresh || 0);
if (seconds > 0) {
  setInterval(async () => {
    if (document.hidden) return;
    const answer = await fetch(location.href, { headers: { accept: 'text/html' } });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    document.querySelector('main').replaceWith(page.querySelector('main'));
    document.body.dataset.refresh = page.body.dataset.refresh || '0';
    if (!page.body.dataset.refresh) location.reload();
  }, seconds * 1000);
}
