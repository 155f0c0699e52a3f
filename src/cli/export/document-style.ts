/** How the document looks on A4. No font, picture or script is fetched from anywhere. */

/** `foot` stands at the foot of each page; only ids, numbers and digests, which need no escaping in CSS. */
export function documentStyle(foot: string): string {
  return `
@page { size: A4; margin: 24mm 20mm 22mm 24mm;
  @bottom-left { content: "${foot}"; font: 6pt ui-monospace, monospace; color: #444; }
  @bottom-right { content: counter(page) " / " counter(pages); font: 8pt serif; color: #444; } }
@page :first { @bottom-right { content: ""; } }
html { font: 10.5pt/1.45 Georgia, "Liberation Serif", "Times New Roman", serif; color: #000; background: #fff; }
body { max-width: 166mm; margin: 0 auto; hyphens: auto; overflow-wrap: anywhere; }
h1 { font-size: 20pt; line-height: 1.2; margin: 0 0 6mm; }
h2 { font-size: 14pt; margin: 10mm 0 3mm; }
h3 { font-size: 11.5pt; margin: 6mm 0 2mm; }
h4, h5, h6 { font-size: 10.5pt; margin: 4mm 0 1mm; }
h1, h2, h3, h4, h5, h6, caption, .rule-words { break-after: avoid; break-inside: avoid; }
p, li { orphans: 3; widows: 3; }
p { margin: 0 0 2.5mm; }
a { color: inherit; text-decoration: none; }
.number { display: inline-block; min-width: 12mm; }
.cover { break-after: page; }
.cover dl { display: grid; grid-template-columns: 38mm 1fr; gap: 1.5mm 4mm; }
.cover dt { font-weight: bold; }
.cover dd { margin: 0; }
.warning { border: 1.5pt solid #000; padding: 2mm 3mm; font-weight: bold; }
nav { break-after: page; }
nav ol { list-style: none; margin: 0; padding: 0; }
nav li { margin: 0 0 0.8mm; }
nav .part { font-weight: bold; margin-top: 2.5mm; }
nav .deeper { padding-left: 6mm; }
nav a::after { content: leader(".") target-counter(attr(href url), page); }
code, pre { font-family: ui-monospace, "Liberation Mono", monospace; font-size: 8pt; }
pre { margin: 0; white-space: pre-wrap; line-height: 1.35; }
.own-numbers { list-style: none; padding-left: 6mm; }
blockquote { margin: 0 0 2.5mm 8mm; }
.rules { border: 0.6pt solid #000; border-left-width: 3pt; margin: 0 0 3.5mm; padding: 2mm 3mm; }
.rules .rule-words { font: 9pt/1.35 "Liberation Sans", Arial, sans-serif; margin: 0 0 1.5mm; }
.rules ul { margin: 0; padding-left: 5mm; }
.rules pre { border-top: 0.4pt dotted #000; padding-top: 1.5mm; }
.made { border-style: dashed; border-left-style: dashed; }
.made .rule-words { margin: 0 0 1mm; }
.source { font: italic 8pt serif; margin: 0 0 1mm; }
.pages { break-before: page; }
table { border-collapse: collapse; width: 100%; margin: 0 0 5mm; font-size: 9pt; }
caption { text-align: left; font-weight: bold; font-size: 10.5pt; padding: 0 0 1mm; }
thead { display: table-header-group; }
tr { break-inside: avoid; }
th, td { border: 0.4pt solid #777; padding: 1mm 1.5mm; text-align: left; vertical-align: top; font-weight: normal; }
thead th { font-weight: bold; background: #eee; }
th[scope="row"] { width: 34%; }
.at { width: 13mm; }
.key { font-size: 6.5pt; }
.digests code { font-size: 7.5pt; }
@media screen { body { padding: 10mm 6mm; } }
`
}
