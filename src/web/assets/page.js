// Copies the command beside a button; without this file the text can still be selected.
function prepare(root) {
  for (const button of root.querySelectorAll('.command button')) {
    button.hidden = false;
    button.addEventListener('click', () => copy(button));
  }
}
function copy(button) {
  const told = (text) => {
    button.textContent = text;
    setTimeout(() => {
      button.textContent = 'Copy';
    }, 1500);
  };
  const text = button.parentElement.querySelector('pre').textContent;
  // Browsers offer the clipboard on https and on this machine alone.
  if (!navigator.clipboard) return told('Select it');
  navigator.clipboard.writeText(text).then(
    () => told('Copied'),
    () => told('Not allowed'),
  );
}
// What is wider than its place is scrolled with the arrow keys too, once it can be stepped to.
function reach() {
  for (const wide of document.querySelectorAll('pre, .scroll, .run-steps')) {
    if (wide.scrollWidth > wide.clientWidth) wide.tabIndex = 0;
    else wide.removeAttribute('tabindex');
  }
}
addEventListener('resize', reach);
prepare(document);
reach();
// Pages on which something is in motion bring themselves up to date, and only while they are looked at.
const seconds = Number(document.body.dataset.refresh || 0);
if (seconds > 0) setTimeout(refresh, seconds * 1000);
async function refresh() {
  const again = () => {
    const later = Number(document.body.dataset.refresh || 0);
    if (later > 0) setTimeout(refresh, later * 1000);
  };
  // A page in the background waits, and what somebody has opened or selected is not pulled from under them.
  if (document.hidden || document.querySelector('main details[open]') || String(getSelection()) !== '') return again();
  try {
    const answer = await fetch(location.href, { headers: { accept: 'text/html' } });
    if (answer.ok) show(new DOMParser().parseFromString(await answer.text(), 'text/html'));
  } catch {
    // The service is away for a moment; the next time asks again.
  }
  return again();
}
function show(page) {
  const [now, next] = [document.querySelector('main'), page.querySelector('main')];
  document.body.dataset.refresh = page.body.dataset.refresh || '0';
  // Nothing is touched while nothing changed: focus and place stay.
  if (!next || now.innerHTML === next.innerHTML) return;
  now.replaceWith(next);
  prepare(next);
  reach();
}
