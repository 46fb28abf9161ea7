"use strict";

// The text of the scenario is the only thing that is run. The form changes this text through the
// server, which knows YAML, and shows what the server reads in it.

const element = (id) => document.getElementById(id);
const text = element("text");
const fields = [...document.querySelectorAll("#settings [name]")];

async function request(path, body) {
  const options = body && {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  };
  try {
    return await fetch(path, options);
  } catch {
    say("The server does not answer: has it been ended?");
    throw new Error("no answer");
  }
}

function say(words) {
  element("status").textContent = words;
}

function make(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

// MARK: The scenario

// One check follows the other, so that each change is made to the text that the last one left.
let checks = Promise.resolve();

function check(change) {
  checks = checks.then(() => read(change)).catch(() => {});
}

async function read(change) {
  const response = await request("/check", { text: text.value, change });
  if (response.status !== 200 && response.status !== 422) return say(await response.text());
  const reading = await response.json();
  if (change) text.value = reading.text;
  showIssues(reading.issues ?? []);
  if (reading.form) showForm(reading.form);
  if (reading.summary && !running) say(reading.summary);
}

function showIssues(issues) {
  element("issues").replaceChildren(...issues.map((issue) => {
    const button = make("button", { type: "button", textContent: issue.message });
    button.addEventListener("click", () => select(issue.line, issue.column));
    return make("li", {}, button);
  }));
  text.setAttribute("aria-invalid", issues.length > 0);
  if (issues.length > 0 && !running) say("Not to be run as it is");
  element("run").disabled = issues.length > 0 || running !== null;
}

// Lines and columns count from 1, columns in Unicode scalars.
function select(line, column) {
  const lines = text.value.split("\n");
  const before = lines.slice(0, line - 1).reduce((sum, line) => sum + line.length + 1, 0);
  const within = [...(lines[line - 1] ?? "")].slice(0, column - 1).join("").length;
  text.focus();
  text.setSelectionRange(before + within, before + (lines[line - 1] ?? "").length);
}

function showForm(form) {
  for (const field of fields) {
    const value = form.values[field.name];
    field.closest("label").hidden = value === undefined;
    if (value !== undefined) field.value = value;
    const isVaried = form.varied.includes(field.name);
    field.disabled = isVaried;
    field.title = isVaried ? "The scenario varies this: change it in the text" : "";
  }
  element("frameworks").replaceChildren(...form.frameworks.map((framework) => {
    const box = make("input", {
      type: "checkbox", value: framework.name, checked: framework.isChosen,
    });
    return make("label", { title: framework.summary }, box, framework.name);
  }));
}

for (const field of fields) {
  field.addEventListener("change", () => check({ key: field.name, value: field.value }));
}

element("frameworks").addEventListener("change", () => {
  const boxes = [...element("frameworks").querySelectorAll(":checked")];
  check({ key: "frameworks", names: boxes.map((box) => box.value) });
});

let pause;
text.addEventListener("input", () => {
  clearTimeout(pause);
  pause = setTimeout(check, 300);
});

// MARK: What-ifs

let running = null; // The number of the what-if that is being made.
let listed = ""; // What the list shows, to leave it alone while nothing has changed.
const compared = new Set();

element("ask").addEventListener("submit", async (event) => {
  event.preventDefault();
  element("run").disabled = true;
  await checks;
  const response = await request("/what-ifs", { text: text.value });
  if (response.status === 202) {
    const { id } = await response.json();
    compared.add(id);
    await follow();
    return;
  }
  element("run").disabled = false;
  if (response.status === 422) showIssues((await response.json()).issues);
  else say(await response.text());
});

element("cancel").addEventListener("click", () => request(`/what-ifs/${running}/cancel`, {}));

async function follow() {
  const whatIfs = await (await request("/what-ifs")).json();
  const now = whatIfs.find((whatIf) => whatIf.state === "running");
  showProgress(now);
  const states = JSON.stringify(whatIfs.map((whatIf) => [whatIf.id, whatIf.state]));
  if (states !== listed) {
    listed = states;
    for (const whatIf of whatIfs) {
      if (whatIf.state === "cancelled" || whatIf.state === "failed") compared.delete(whatIf.id);
    }
    if (compared.size === 1 && whatIfs.length > 1) compared.add(1);
    showList(whatIfs);
    await showReport();
  }
  if (now) setTimeout(follow, 300);
}

function showProgress(now) {
  const wasRunning = running !== null;
  running = now?.id ?? null;
  element("cancel").disabled = !now;
  element("progress").hidden = !now;
  if (now) {
    element("run").disabled = true;
    element("progress").value = now.progress;
    say(`What-if ${now.id}: ${Math.floor(now.progress * 100)} % ${now.step}`);
  } else if (wasRunning || element("run").disabled) {
    check();
  }
}

function showList(whatIfs) {
  element("answers").hidden = whatIfs.length === 0;
  element("what-ifs").replaceChildren(...whatIfs.flatMap((whatIf) => {
    const rows = whatIf.rows.length > 0 ? whatIf.rows : [null];
    return rows.map((row, index) => {
      const cells = index === 0 ? description(whatIf, rows.length) : [];
      const result = row ? results(row) : [make("td", { className: "said", colSpan: 5 },
        `${whatIf.state}${whatIf.remarks.map((remark) => `: ${remark}`).join("")}`)];
      return make("tr", { className: index === 0 ? "first" : "" }, ...cells, ...result);
    });
  }));
}

function description(whatIf, rowSpan) {
  const box = make("input", {
    type: "checkbox", checked: compared.has(whatIf.id), disabled: whatIf.rows.length === 0,
    ariaLabel: `Compare what-if ${whatIf.id}`,
  });
  box.addEventListener("change", () => {
    compared[box.checked ? "add" : "delete"](whatIf.id);
    showReport();
  });
  const changes = whatIf.changes.length > 0 ? whatIf.changes : ["as in the file"];
  const remarks = whatIf.rows.length > 0 ? whatIf.remarks : [];
  const items = [
    make("li", {}, make("strong", {}, `${whatIf.id}. ${whatIf.name}`)),
    ...changes.map((change) => make("li", {}, change)),
    ...remarks.map((remark) => make("li", { className: "bad" }, remark)),
  ];
  return [
    make("td", { rowSpan, className: "said" }, box),
    make("td", { rowSpan, className: "said question" }, make("ul", {}, ...items), links(whatIf)),
  ];
}

function links(whatIf) {
  const path = `/what-ifs/${whatIf.id}/scenario.yaml`;
  const save = make("a", { href: path, download: whatIf.fileName, title: whatIf.command },
    "Save as YAML");
  const edit = make("a", { href: "#text" }, "Go on from here");
  edit.addEventListener("click", async () => {
    text.value = await (await request(path)).text();
    check();
  });
  return make("div", { className: "links" }, save, edit);
}

function results(row) {
  const cell = (value, difference) =>
    make("td", {}, value, ...(difference ? [make("small", {}, difference)] : []));
  const others = row.digests.length > 1 ? ` and ${row.digests.length - 1} more` : "";
  const digest = make("code", { title: row.digests.join("\n") }, row.digests[0].slice(0, 16));
  return [
    make("td", { className: "said" }, row.name + (row.isFailed ? " (failed)" : "")),
    cell(row.accuracy, row.accuracyDifference),
    cell(row.time, row.timeDifference),
    cell(row.cost, row.costDifference),
    make("td", { className: "said" }, digest, others),
  ];
}

async function showReport() {
  const query = [...compared].sort((a, b) => a - b).map((id) => `id=${id}`).join("&");
  // The server has escaped what is not its own in this.
  element("report").innerHTML = await (await request(`/report?${query}`)).text();
}

check();
follow();
