// The clock of the pay page, and a button that says it is working. The page works without it.
const clock = document.querySelector("[data-expires]");
if (clock) {
  const expires = Date.parse(clock.dataset.expires);
  const ahead = Date.parse(clock.dataset.now) - Date.now();
  const shown = clock.querySelector("[data-left]");
  const two = (n) => String(n).padStart(2, "0");
  const tick = () => {
    const left = Math.max(0, Math.floor((expires - Date.now() - ahead) / 1000));
    const hours = Math.floor(left / 3600);
    const rest = two(Math.floor((left % 3600) / 60)) + ":" + two(left % 60);
    if (hours < 48) shown.textContent = hours ? hours + ":" + rest : rest;
    clock.classList.toggle("clock--soon", left < 300);
    if (left === 0) location.replace(location.pathname);
    else setTimeout(tick, 1000);
  };
  tick();
}
document.querySelector("form")?.addEventListener("submit", (event) => {
  event.submitter?.setAttribute("aria-busy", "true");
});
addEventListener("pageshow", () => {
  document.querySelectorAll("[aria-busy]").forEach((button) => button.removeAttribute("aria-busy"));
});
