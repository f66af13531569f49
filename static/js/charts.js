/* Replaces a chart's picture by the interactive figure when somebody asks for it; Plotly is loaded only then. */
let library = null;

function load(url) {
  library ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = url;
    script.onload = resolve;
    script.onerror = () => { library = null; reject(new Error("not loaded")); };
    document.head.append(script);
  });
  return library;
}

for (const chart of document.querySelectorAll("[data-chart]")) {
  const button = chart.querySelector("[data-explore]");
  button.hidden = false;
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      const [figure] = await Promise.all([
        fetch(chart.dataset.figureUrl).then((reply) => reply.json()),
        load(chart.dataset.plotlyUrl),
      ]);
      const live = chart.querySelector("[data-live]");
      live.hidden = false;
      await Plotly.newPlot(live, figure.data, figure.layout, { responsive: true, displaylogo: false });
      chart.querySelector("[data-static]").hidden = true;
      button.hidden = true;
    } finally {
      button.disabled = false;
    }
  });
}
