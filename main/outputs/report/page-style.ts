/** The report's style sheet: the house's tokens, dark by default, light where the reader prefers it, and on paper. */
export const PAGE_STYLE = `
:root { color-scheme: dark light; --ground: #14110f; --raised: #1d1916; --line: #332c26; --text: #f3ece4; --dim: #a89c8e;
  --amber: #f5a524; --green: #4ade80; --blue: #7db4ff; --peak: #6b5326; --rms: #f5a524; }
@media (prefers-color-scheme: light) { :root { --ground: #faf6f0; --raised: #fffdfa; --line: #e4dacd; --text: #241d16; --dim: #6d6154;
  --amber: #9a5b00; --green: #15713a; --blue: #1f5fb8; --peak: #e7c98f; --rms: #b9770f; } }
* { box-sizing: border-box; margin: 0; }
body { background: var(--ground); color: var(--text); font: 400 13px/1.5 system-ui, sans-serif; font-variant-numeric: tabular-nums; }
main { max-width: 1144px; margin: 0 auto; padding: 40px 32px 56px; }
header { display: flex; align-items: flex-end; justify-content: space-between; gap: 24px; margin-bottom: 24px; }
.mark-name { color: var(--amber); font-weight: 600; font-size: 12px; letter-spacing: .08em; text-transform: uppercase; }
h1 { font-size: 28px; font-weight: 600; line-height: 1.2; letter-spacing: -.01em; overflow-wrap: anywhere; }
h2 { font-size: 15px; font-weight: 600; margin: 40px 0 12px; display: flex; align-items: baseline; gap: 12px; }
h2 small { font-size: 12px; font-weight: 400; color: var(--dim); }
.when { color: var(--dim); text-align: right; white-space: nowrap; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); border-block: 1px solid var(--line); }
.figures div { padding: 16px 16px 14px 0; }
.figures div + div { padding-left: 16px; border-left: 1px solid var(--line); }
.figures dt { color: var(--dim); font-size: 12px; }
.figures dd { font-size: 24px; font-weight: 600; line-height: 1.25; white-space: nowrap; }
.figures dd small { font-size: 13px; font-weight: 400; color: var(--dim); }
.figures p { color: var(--dim); font-size: 12px; }
.sheet { display: grid; grid-template-columns: repeat(6, 1fr); gap: 8px; margin-bottom: 16px; }
.sheet figure { position: relative; }
.sheet img { display: block; width: 100%; border-radius: 4px; background: var(--raised); object-fit: cover; }
.sheet figcaption { position: absolute; left: 4px; bottom: 4px; padding: 0 5px; border-radius: 3px; font-size: 12px; color: #f3ece4; background: #14110fcc; }
svg { display: block; width: 100%; height: auto; overflow: visible; }
.wave .mark { stroke: var(--text); opacity: .8; stroke-dasharray: 2 3; } .wave .peak { fill: var(--peak); } .wave .rms { fill: var(--rms); }
.grid { stroke: var(--line); stroke-width: 1; } .mark { stroke: var(--dim); stroke-width: 1; opacity: .45; stroke-dasharray: 1 3; }
.reference { stroke: var(--dim); stroke-width: 1; stroke-dasharray: 5 4; }
.tick { fill: var(--dim); font-size: 11px; } .flag { fill: var(--text); font-weight: 600; }
.charts { display: grid; grid-template-columns: 1fr 1fr; gap: 28px 40px; }
.chart figcaption { display: flex; flex-wrap: wrap; align-items: baseline; gap: 2px 8px; margin-bottom: 6px; }
.unit, .none, .legend { color: var(--dim); font-size: 12px; }
.legend { margin-left: auto; display: flex; flex-wrap: wrap; gap: 0 12px; } .key { display: inline-flex; align-items: center; gap: 6px; } .key svg { width: 20px; height: 8px; }
.line { fill: none; stroke-width: 1.75; stroke-linejoin: round; stroke-linecap: round; }
.s1 { stroke: var(--amber); } .s2 { stroke: var(--blue); stroke-dasharray: 5 3; } .s3 { stroke: var(--green); stroke-dasharray: 1 3; } .s4 { stroke: var(--text); stroke-dasharray: 8 3 2 3; }
table { width: 100%; border-collapse: collapse; } th { text-align: left; font-weight: 400; font-size: 12px; color: var(--dim); }
th, td { padding: 6px 16px 6px 0; border-bottom: 1px solid var(--line); vertical-align: top; } td { overflow-wrap: anywhere; }
td.number, th.number { text-align: right; white-space: nowrap; width: 1%; } td.strong { font-weight: 600; white-space: nowrap; }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: 0 40px; align-items: start; } .pair td:first-child { color: var(--dim); width: 34%; }
code { font: 12px ui-monospace, monospace; color: var(--dim); overflow-wrap: anywhere; }
.count { color: var(--dim); } .trouble { color: var(--amber); font-weight: 600; } .moves { color: var(--dim); }
footer { margin-top: 40px; padding-top: 12px; border-top: 1px solid var(--line); color: var(--dim); font-size: 12px; }
@media (max-width: 820px) { .charts, .pair { grid-template-columns: 1fr; } .sheet { grid-template-columns: repeat(3, 1fr); } main { padding: 24px 16px; } header { display: block; } .when { text-align: left; } }
@media print { body { font-size: 11px; } main { max-width: none; padding: 0; } section { break-inside: avoid; } }
`;
