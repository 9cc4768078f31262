// Two comforts; the page is complete without them: times as people say them, and the full release id in one click.
const steps = [
  [60, 1, "second"],
  [3600, 60, "minute"],
  [86400, 3600, "hour"],
  [604800, 86400, "day"],
];
const words = new Intl.RelativeTimeFormat("en", { numeric: "auto", style: "short" });

function sayTimes() {
  for (const element of document.querySelectorAll("time[datetime]")) {
    const seconds = (Date.now() - Date.parse(element.dateTime)) / 1000;
    const step = steps.find(([limit]) => seconds < limit);
    if (step) element.textContent = seconds < 5 ? "now" : words.format(-Math.floor(seconds / step[1]), step[2]);
  }
}

function copyRelease(button) {
  const label = button.querySelector("code");
  const short = label.textContent;
  navigator.clipboard?.writeText(button.dataset.release).then(() => {
    label.textContent = "copied";
    setTimeout(() => (label.textContent = short), 1200);
  });
}

sayTimes();
setInterval(sayTimes, 30_000);
for (const button of document.querySelectorAll("[data-release]")) {
  button.addEventListener("click", () => copyRelease(button));
}
