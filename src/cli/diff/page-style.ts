/** How the page of a comparison looks: on a screen, and on A4 in black and white. Nothing is fetched from anywhere. */

export const pageStyle = `
@page { size: A4; margin: 20mm 16mm; }
html { font: 10.5pt/1.45 Georgia, "Liberation Serif", "Times New Roman", serif; color: #111; background: #fff; }
body { max-width: 178mm; margin: 0 auto; padding: 8mm 5mm; overflow-wrap: anywhere; }
h1 { font-size: 18pt; line-height: 1.2; margin: 0 0 4mm; }
h2 { font-size: 13.5pt; margin: 9mm 0 3mm; border-bottom: 0.8pt solid #111; padding-bottom: 1mm; }
h3 { font-size: 11pt; margin: 6mm 0 1.5mm; }
h1, h2, h3, caption { break-after: avoid; }
p { margin: 0 0 2.5mm; }
code, pre { font-family: ui-monospace, "Liberation Mono", monospace; font-size: 0.84em; }
pre { margin: 0; white-space: pre-wrap; }
.verdict { border: 1.4pt solid #111; border-left-width: 5pt; padding: 3mm 4mm; font-size: 12.5pt; font-weight: bold; }
.verdict.weaker, .verdict.both { border-color: #a11; }
.verdict.stronger, .verdict.equivalent { border-color: #163; }
.notes { font-size: 9.5pt; color: #333; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 1mm 4mm; margin: 0 0 4mm; }
dt { font-weight: bold; }
dd { margin: 0; }
table { border-collapse: collapse; width: 100%; margin: 0 0 4mm; font-size: 9.5pt; }
thead { display: table-header-group; }
th, td { border: 0.4pt solid #888; padding: 1.2mm 1.8mm; text-align: left; vertical-align: top; font-weight: normal; }
thead th { font-weight: bold; background: #eee; white-space: nowrap; }
td.number { width: 9mm; text-align: right; }
td.clauses { width: 40%; }
td ul { margin: 0; padding-left: 4mm; }
td li + li { margin-top: 1mm; }
.direction { font-weight: bold; }
.direction, .see { white-space: nowrap; }
.weaker > .direction, .both > .direction { color: #a11; }
.stronger > .direction { color: #163; }
.witness td { break-inside: avoid; }
.texts { table-layout: fixed; font-size: 8.5pt; }
.texts col.line { width: 11mm; }
.texts td.line { text-align: right; color: #555; border-right: 0; }
.texts td.text { border-left: 0; white-space: pre-wrap; }
.texts del { background: #fbdcdc; text-decoration: line-through; }
.texts ins { background: #d8f0dc; text-decoration: underline; }
.texts tbody + tbody tr:first-child td { border-top: 1.4pt solid #111; }
@media print { body { padding: 0; } * { print-color-adjust: exact; } }
`
