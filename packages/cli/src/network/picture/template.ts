import { createHash } from "node:crypto";
import type { PictureData } from "./shape";

export interface Assets {
  readonly script: string;
  readonly style: string;
}

/**
 * The page, whole: it loads nothing, and its policy lets nothing run but this script. Names stand in the data alone,
 * which is text to the browser, and reach the page as text.
 */
export function renderPage(data: PictureData, { script, style }: Assets): string {
  const compares = data.before !== undefined;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src '${digest(script)}'; style-src '${digest(style)}'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>Who may talk to whom: ${escapeHtml(data.title)}</title>
<style>${style}</style>
</head>
<body>
<a class="skip" href="#pane">Skip to the picture</a>
<a class="skip" href="#connections">Skip to the table of connections</a>
<header>
<div><h1>Who may talk to whom</h1><p class="sub"><code>${escapeHtml(data.title)}</code> · <span id="summary"></span></p></div>
<fieldset id="mode-field" hidden><legend class="unseen">What is shown</legend><div id="modes"></div></fieldset>
</header>
<div class="controls" role="search" aria-label="What is shown">
<div class="search"><label class="unseen" for="search">Find a workload</label><input id="search" type="search" placeholder="Find a workload" autocomplete="off" spellcheck="false"></div>
<fieldset class="filter"><legend id="group-legend">Namespaces</legend><div id="groups"></div><span id="peers-option" hidden><label class="check"><input id="peers" type="checkbox" checked> with their peers</label> <button type="button" class="plain" id="clear-groups">Show all</button></span></fieldset>
</div>
<p id="status" class="unseen" role="status"></p>
<noscript><p class="controls">This picture is drawn by the script in this file. Without it, <code>bulkhead network reach</code> prints the same as a table.</p></noscript>
<main>
<section class="picture" aria-label="Picture">
<div id="pane" tabindex="-1" role="group" aria-label="Workloads. Arrow keys lead from one to the next, Enter shows the details."><div id="sizer"><div id="canvas"><svg id="lines" aria-hidden="true"></svg></div></div></div>
<p id="dense" hidden></p>
<div class="foot">
<ul class="key" aria-label="Key">
${(compares ? ([["kept", "kept"], ["new", "+ new"], ["removed", "− removed"], ["changed", "± other ports"]] as const) : ([["kept", "may connect, in the direction of the arrow"]] as const)).map(([change, text]) => `<li><svg viewBox="0 0 40 10" aria-hidden="true"><path class="line ${change}" d="M0 5H34"/><path class="head ${change}" d="M32 1 40 5 32 9 34 5Z"/></svg>${text}</li>`).join("\n")}
${data.after.policies.every((own) => own === null) ? "" : '<li><span class="sample" aria-hidden="true"></span>isolated</li>\n<li><span class="sample open" aria-hidden="true"></span>open, in or out</li>\n'}</ul>
<div class="zoom" role="group" aria-label="Size of the picture"><button type="button" id="zoom-out" aria-label="Smaller">−</button><output id="zoom" aria-label="Size">100 %</output><button type="button" id="zoom-in" aria-label="Larger">+</button><button type="button" id="zoom-fit">Fit</button></div>
</div>
</section>
<aside aria-label="Details" tabindex="0">
<div id="details" hidden></div>
<div id="hint" class="hint"><h2 id="totals-heading"></h2><dl id="totals"></dl><h2>Choose a workload</h2><p>Its connections come out of the picture, and here stands who reaches it, whom it reaches, and which rule of which policy lets each connection through.</p><ul><li>Point at a workload to see its connections.</li><li>Click it, or press <kbd>Enter</kbd>, to keep them.</li><li><kbd>←</kbd> <kbd>↑</kbd> <kbd>→</kbd> <kbd>↓</kbd> lead to the next, <kbd>Esc</kbd> lets go, <kbd>+</kbd> <kbd>-</kbd> <kbd>0</kbd> change the size.</li></ul></div>
</aside>
</main>
<section class="connections" id="connections" tabindex="-1" aria-labelledby="table-heading">
<h2 id="table-heading">Connections</h2>
<div class="scroll" role="group" aria-labelledby="table-heading" tabindex="0"><table><caption id="table-caption"></caption><thead><tr><th scope="col">From</th><th scope="col">To</th><th scope="col">Ports</th><th scope="col" id="change-heading">Change</th><th scope="col">Why the sender may</th><th scope="col">Why the receiver lets it</th></tr></thead><tbody id="rows"></tbody></table></div>
<button type="button" class="more" id="more-rows" hidden></button>
${data.notes.length === 0 ? "" : `<h2>Not known, or not evaluated as it stands</h2><ul class="notes">${data.notes.map((note) => `<li>${escapeHtml(note)}</li>`).join("")}</ul>`}
</section>
<script type="application/json" id="data">${JSON.stringify(data).replaceAll("<", "\\u003c")}</script>
<script>${script}</script>
</body>
</html>
`;
}

/** As a source expression of a Content-Security-Policy. */
function digest(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}

const entities: { readonly [character: string]: string } = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}
