"use strict";
(() => {
  const { data, charts } = JSON.parse(document.getElementById("page-data").textContent);
  const font = getComputedStyle(document.body).fontFamily;
  const label = { labelFont: font, titleFont: font, labelFontSize: 12, titleFontSize: 12,
    labelColor: "var(--soft)", titleColor: "var(--soft)", titleFontWeight: 400 };
  const config = {
    background: "transparent", font,
    view: { stroke: null },
    axis: { ...label, domainColor: "var(--line)", gridColor: "var(--line)", tickColor: "var(--line)",
      labelPadding: 6, titlePadding: 8, labelLimit: 190, tickCount: 5 },
    axisBand: { grid: false, ticks: false, domain: false },
    text: { font, fontSize: 12, fill: "var(--ink)" },
    mark: { aria: false },
  };

  // Names of the data sets that a specification, its layers included, draws from.
  const named = spec => [spec.data?.name, ...(spec.layer ?? []).flatMap(named)].filter(Boolean);

  async function draw(key, spec) {
    const place = document.getElementById(`chart-${key}`);
    const datasets = Object.fromEntries(named(spec).map(name => [name, data[name]]));
    await vegaEmbed(place, { ...spec, datasets }, { actions: false, renderer: "svg", config });
    place.style.minHeight = "";
  }

  function sortable(table, refresh) {
    const body = table.tBodies[0];
    const heads = [...table.querySelectorAll("thead tr:last-child th")];
    const collator = new Intl.Collator(document.documentElement.lang, { numeric: true });
    const valueOf = (row, column) => {
      const cell = row.cells[column];
      if (heads[column].className !== "number") return cell.textContent;
      return cell.dataset.v === undefined ? null : Number(cell.dataset.v);
    };
    heads.forEach((head, column) => head.firstElementChild.addEventListener("click", () => {
      const isNumber = head.className === "number";
      const was = head.getAttribute("aria-sort");
      const falls = was ? was === "ascending" : isNumber;
      heads.forEach(other => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", falls ? "descending" : "ascending");
      const sign = falls ? -1 : 1;
      const rows = [...body.rows].map(row => [valueOf(row, column), row]);
      rows.sort(([a], [b]) => {
        if (a === null || b === null) return (a === null) - (b === null);
        return sign * (isNumber ? a - b : collator.compare(a, b));
      });
      body.append(...rows.map(([, row]) => row));
      refresh();
    }));
  }

  function foldable(box) {
    const rows = () => [...box.querySelectorAll("tbody tr")];
    const input = box.querySelector("input"), button = box.querySelector(".fold");
    const output = box.querySelector("output"), first = Number(box.dataset.first);
    const texts = new Map(rows().map(row => [row, row.textContent.toLowerCase()]));
    const refresh = () => {
      const wanted = input.value.trim().toLowerCase();
      const all = button.getAttribute("aria-pressed") === "true";
      let found = 0;
      for (const row of rows()) {
        const fits = texts.get(row).includes(wanted);
        found += fits;
        row.hidden = !fits || (!all && found > first);
      }
      const shown = all ? found : Math.min(found, first);
      output.textContent = output.dataset.text.replace("{shown}", shown).replace("{count}", found);
    };
    input.addEventListener("input", refresh);
    button.addEventListener("click", () => {
      const all = button.getAttribute("aria-pressed") !== "true";
      button.setAttribute("aria-pressed", all);
      button.textContent = all ? button.dataset.less : button.dataset.more;
      refresh();
    });
    refresh();
    return refresh;
  }

  for (const box of document.querySelectorAll(".table")) {
    const refresh = box.dataset.first ? foldable(box) : () => {};
    sortable(box.querySelector("table"), refresh);
  }
  Promise.all(Object.entries(charts).map(([key, spec]) => draw(key, spec)))
    .then(() => { document.documentElement.dataset.drawn = "true"; });
})();
