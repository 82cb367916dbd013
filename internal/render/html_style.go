package render

import "bufio"

// styleSheet is the page's style. It is the only thing in a page that is written as it stands.
type styleSheet struct{}

func (styleSheet) write(w *bufio.Writer) { w.WriteString(css) }

const css = `
:root { color-scheme: light dark; --fg: #1b1f24; --bg: #fff; --soft: #f3f4f6; --line: #d0d7de; --dim: #57606a; --good: #116329; --bad: #b3261e; --warn: #7a4d00; --mark: #ffe0dc; }
@media (prefers-color-scheme: dark) {
  :root { --fg: #e6edf3; --bg: #0d1117; --soft: #161b22; --line: #30363d; --dim: #9198a1; --good: #56d364; --bad: #ff7b72; --warn: #e3b341; --mark: #67060c; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--bg); color: var(--fg); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 1rem 1.25rem 4rem; overflow-wrap: anywhere; }
h1 { font-size: 1.25rem; color: var(--dim); margin: 0 0 .5rem; }
h2 { font-size: 1.2rem; margin: 0; }
section > h2 { margin: 2rem 0 .75rem; border-bottom: 1px solid var(--line); }
section > details { margin-top: 2rem; }
summary { cursor: pointer; }
summary h2 { display: inline; }
h3 { font-size: 1.05rem; margin: 1.5rem 0 .5rem; }
p { margin: .5rem 0; }
.label { margin: 1rem 0 .25rem; }
.headline { font-size: 1.35rem; border-left: .3rem solid currentColor; padding-left: .75rem; margin: 1rem 0; }
.dim, .source, .purpose { color: var(--dim); }
.good { color: var(--good); } .bad { color: var(--bad); } .warn { color: var(--warn); }
.bad { font-weight: 600; }
code, pre { font: .875em/1.45 ui-monospace, monospace; }
pre { background: var(--soft); border: 1px solid var(--line); border-radius: 6px; padding: .6rem .8rem; overflow-x: auto; margin: .25rem 0 .75rem; }
.purpose { margin: .75rem 0 0; }
.frame { border-left: 3px solid var(--line); padding: .1rem 0 .1rem .75rem; margin: .25rem 0; }
.frame .field { font-weight: 600; }
mark { background: var(--mark); color: inherit; border-bottom: 2px solid var(--bad); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; margin: .5rem 0; }
dt { color: var(--dim); max-width: 14rem; } dd { margin: 0; }
ol.way { list-style: none; padding: 0; }
ol.way > li { padding: .2rem .5rem .2rem 2rem; text-indent: -1.5rem; }
ol.way > li > * { text-indent: 0; }
ol.way .mark { display: inline-block; width: 1.5rem; font-weight: 700; }
ol.way .decides { background: var(--soft); border-radius: 6px; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .925rem; }
th, td { text-align: left; vertical-align: top; padding: .35rem .6rem; border-bottom: 1px solid var(--line); overflow-wrap: break-word; }
figure { margin: 0 0 .5rem; }
svg { max-width: 100%; height: auto; }
svg text { fill: var(--fg); font: 13px system-ui, sans-serif; }
svg .sign, svg .name { text-anchor: middle; } svg .name { font-weight: 700; } svg .left { text-anchor: start; } svg .right { text-anchor: end; }
svg .reached { stroke: var(--fg); stroke-width: 2; } svg .unreached { stroke: var(--line); stroke-width: 2; stroke-dasharray: 4 4; }
svg .stop { fill: var(--bg); stroke: var(--dim); stroke-width: 2; }
svg .stop.good { stroke: var(--good); } svg .stop.bad { stroke: var(--bad); fill: var(--mark); } svg .stop.warn { stroke: var(--warn); }
@media (max-width: 40rem) { dl { grid-template-columns: 1fr; } dd { margin-bottom: .4rem; } }
@media print { details::details-content { content-visibility: visible; block-size: auto; } summary { list-style: none; } main { max-width: none; padding: 0; } pre { white-space: pre-wrap; } a { color: inherit; } section { break-inside: auto; } h2, h3 { break-after: avoid; } }
`
