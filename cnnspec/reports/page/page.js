"use strict";
// The page is whole without this: it folds, sorts and searches what is there, and makes nothing of its own.
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  document.documentElement.classList.remove("still");

  const themes = ["", "dark", "light"];
  const theme = document.querySelector(".theme");
  theme.addEventListener("click", () => {
    const next = themes[(themes.indexOf(document.documentElement.dataset.theme || "") + 1) % themes.length];
    document.documentElement.dataset.theme = next;
    theme.textContent = `Theme: ${next || "system"}`;
  });

  // As source/amounts.py has it: `7.4%`; `<0.1%` is not nothing, and `>99.9%` not all.
  const told = (share) => {
    const text = (100 * share).toFixed(1);
    return text === "0.0" ? "<0.1%" : text === "100.0" && share < 1 ? ">99.9%" : `${text}%`;
  };

  // A table whose columns sort: largest first, smallest first, as it was.
  class Figures {
    constructor(table) {
      this.table = table;
      this.body = table.tBodies[0];
      this.rows = [...this.body.rows].map((row) => this.read(row));
      this.heads = all("thead th", table);
      this.column = this.heads.findIndex((head) => head.hasAttribute("aria-sort"));
      this.down = true;
      this.heads.forEach((head, column) => {
        head.firstElementChild.addEventListener("click", () => this.sort(column));
      });
      this.share = this.heads.findIndex((head) => head.dataset.key === "share");
      this.whole = [...table.tFoot.rows[0].cells].map((cell) => Number(cell.dataset.v));
    }

    read(row) {
      const values = [...row.cells].map((cell) => ("v" in cell.dataset ? Number(cell.dataset.v) : null));
      return { row, values, texts: [...row.cells].map((cell) => cell.textContent.trim()) };
    }

    sort(column) {
      if (column !== this.column) [this.column, this.down] = [column, true];
      else if (this.down) this.down = false;
      else this.column = -1;
      this.draw();
    }

    compare(one, other) {
      const [a, b] = [one.values[this.column], other.values[this.column]];
      if (a === null && b === null) {
        return one.texts[this.column].localeCompare(other.texts[this.column], "en", { numeric: true }) * (this.down ? 1 : -1);
      }
      if (a === null || b === null) return a === null ? 1 : -1;
      return this.down ? b - a : a - b;
    }

    draw() {
      this.heads.forEach((head, column) => {
        if (column !== this.column) head.removeAttribute("aria-sort");
        else head.setAttribute("aria-sort", this.down ? "descending" : "ascending");
      });
      const rows = this.column < 0 ? this.rows : [...this.rows].sort((one, other) => this.compare(one, other));
      this.body.append(...rows.map((each) => each.row));
      this.bars();
    }

    // Shares are of what the table is sorted by, if that adds up; else of what they were of at first.
    bars() {
      const title = this.heads[this.share].firstElementChild;
      this.first ??= title.textContent;
      const by = this.column >= 0 && this.heads[this.column].dataset.adds ? this.column : null;
      title.textContent = by === null ? this.first : `share of ${this.heads[by].textContent}`;
      const heads = by !== null && this.heads[by].dataset.adds === "all";
      for (const each of this.rows) {
        const counts = heads || !each.row.classList.contains("aux");
        each.part = by === null ? each.values[this.share] : counts ? each.values[by] / this.whole[by] : 0;
      }
      const seen = this.rows.filter((each) => !each.row.classList.contains("off"));
      const most = Math.max(0, ...seen.map((each) => each.part || 0));
      for (const each of this.rows) {
        const [bar, text] = each.row.cells[this.share].children;
        bar.firstElementChild.style.setProperty("--part", `${each.part && most ? Math.min(100, (100 * each.part) / most) : 0}%`);
        bar.style.visibility = each.part ? "" : "hidden";
        text.textContent = each.part ? told(each.part) : "";
      }
    }
  }

  // The layers: an outline that folds, and a flat list while it is sorted.
  class Layers extends Figures {
    constructor(table) {
      super(table);
      this.query = "";
      this.line = null;
      if (table.dataset.sort) this.column = this.heads.findIndex((head) => head.dataset.key === table.dataset.sort);
      const above = [];
      for (const each of this.rows) {
        const level = Number(each.row.dataset.level);
        each.level = level;
        each.up = level ? above[level - 1] : null;
        above[level] = each;
        each.fold = each.row.querySelector(".fold");
        each.open = each.fold !== null;
        if (each.fold) each.fold.addEventListener("click", () => { each.open = !each.open; this.draw(); });
        each.found = `${each.row.dataset.path} ${each.row.dataset.said}`.toLowerCase();
      }
      this.input = document.querySelector("#search");
      this.input.addEventListener("input", () => { this.query = this.input.value; this.draw(); });
      all("[data-open]").forEach((button) => button.addEventListener("click", () => this.level(Number(button.dataset.open))));
      document.querySelector("#reset").addEventListener("click", () => this.reset());
      all(".text [data-line]").forEach((link) => link.addEventListener("click", () => this.at(link.dataset.line)));
      addEventListener("keydown", (event) => this.key(event));
      this.button = document.querySelector("#columns");
      this.button.addEventListener("click", () => { this.chosen = true; this.few(!this.table.classList.contains("few")); });
      addEventListener("resize", () => this.fit());
      this.fit();
      this.level(Number(table.dataset.levels));
    }

    key(event) {
      const typing = event.target.closest && event.target.closest("input");
      if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
        event.preventDefault();
        this.input.focus();
      } else if (event.key === "Escape" && (this.query || this.line)) this.reset();
    }

    // Columns that are rarely asked for are put away where the table is wider than its place, until somebody chooses.
    fit() {
      if (this.chosen) return;
      this.few(false);
      this.few(this.isTooWide());
    }

    isTooWide() {
      const place = this.table.parentElement;
      return place.scrollWidth > place.clientWidth;
    }

    few(on) {
      this.table.classList.toggle("few", on);
      this.button.textContent = on ? "More columns" : "Fewer columns";
    }

    level(levels) {
      for (const each of this.rows) each.open = each.fold !== null && each.level + 1 < levels;
      this.draw();
    }

    reset() {
      [this.column, this.down, this.query, this.line, this.input.value] = [-1, true, "", null, ""];
      this.draw();
    }

    at(line) {
      this.line = this.line === line ? null : line;
      this.draw();
    }

    matches(each) {
      if (this.line && !(each.row.dataset.lines || "").split(" ").includes(this.line)) return false;
      return this.query.toLowerCase().split(/\s+/).every((part) => each.found.includes(part));
    }

    draw() {
      const flat = this.column >= 0;
      const asked = Boolean(this.query.trim() || this.line);
      this.table.classList.toggle("flat", flat);
      let steps = 0;
      for (const each of this.rows) {
        each.hit = !each.fold && this.matches(each);
        each.shown = each.hit;
        steps += each.hit;
      }
      if (!flat) {
        for (const each of [...this.rows].reverse()) if (each.shown && each.up) each.up.shown = true;
        if (!asked) for (const each of this.rows) each.shown = !each.up || (each.up.shown && each.up.open);
      }
      for (const each of this.rows) {
        each.row.classList.toggle("off", !each.shown);
        if (each.fold) each.fold.setAttribute("aria-expanded", String(each.open || asked));
      }
      const total = this.rows.filter((each) => !each.fold).length;
      const where = this.line ? ` of line ${this.line.split(":")[1]}` : "";
      document.querySelector("#count").textContent = asked ? `${steps} of ${total} steps${where}` : `${total} steps`;
      super.draw();
      if (!this.chosen && this.isTooWide()) this.few(true);
    }
  }

  for (const table of all("table.figures")) {
    if (table.classList.contains("tree")) new Layers(table);
    else new Figures(table).bars();
  }
})();
