/* Shows how far a job is and loads the page again when it is over. */
const place = document.querySelector("[data-job-url]");

async function look() {
  const reply = await fetch(place.dataset.jobUrl, { headers: { Accept: "application/json" } }).catch(() => null);
  if (reply && reply.ok) {
    const job = await reply.json();
    if (job.state === "done" || job.state === "failed") { location.reload(); return; }
    const bar = place.querySelector("[data-job-bar]");
    if (job.total) {
      bar.max = job.total;
      bar.value = job.done;
      const line = place.querySelector("[data-job-line]");
      line.textContent = line.dataset.text.replace("DONE", job.done).replace("TOTAL", job.total);
    }
  }
  setTimeout(look, 700);
}

if (place) look();
