// From a figure's numbers to what the chart library draws: bars and lines, boxes, a funnel.

import { number, percent as share } from "../words.js";

/* Okabe-Ito, in an order whose greys differ too; each series has a pattern besides. */
const COLOURS = ["#0072b2", "#e69f00", "#56b4e9", "#d55e00", "#009e73", "#cc79a7"];
const STEPS = ["#fdcc8a", "#fc8d59", "#e34a33", "#7f0000"];
const TIERS = ["#74a9cf", "#92bcdc", "#afcfe8", "#cbdff1", "#e2edf7"]; // light: ink stands on them and beside them
const INK = "#1e2329";
const QUIET = "#686f79";
const LINE = "#e1e2e0";
const FONT = '"PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif';

/** The option of a figure by its kind. */
export function options(figure, page) {
  const made = { bars, boxes, funnel }[figure.kind](figure, page);
  return {
    color: COLOURS,
    textStyle: { fontFamily: FONT, fontSize: 12, color: INK },
    aria: { enabled: true, decal: { show: (figure.series?.length ?? 0) > 1 } },
    ...made,
    tooltip: { renderMode: "richText", confine: true, show: !page.paper, ...made.tooltip },
  };
}

function told(value, percent) {
  if (value === null || value === undefined) return "—";
  return percent ? share(value) : number(value, 1);
}

function axis(percent, extra = {}) {
  return {
    type: "value",
    min: 0,
    axisLabel: { color: QUIET, formatter: (value) => (percent ? `${Math.round(value * 1000) / 10}%` : number(value)), hideOverlap: true },
    splitLine: { lineStyle: { color: LINE } },
    minInterval: percent ? 0 : 1,
    ...extra,
  };
}

function named(figure, page) {
  const room = figure.lying ? Math.min(page.width * 0.34, 150) : undefined;
  return {
    type: "category",
    data: figure.names,
    inverse: Boolean(figure.lying),
    axisTick: { show: false },
    axisLine: { lineStyle: { color: "#c9ccce" } },
    axisLabel: { color: INK, width: room, overflow: figure.lying ? "truncate" : "none", hideOverlap: !figure.lying, interval: figure.lying ? 0 : "auto" },
  };
}

function bars(figure, page) {
  const many = figure.series.length > 1;
  const stacked = figure.series.some((each) => each.stack);
  const full = figure.percent && stacked;
  const values = axis(figure.percent, full ? { max: 1 } : {});
  return {
    legend: many ? { top: 0, left: 0, itemHeight: 12, textStyle: { color: INK }, type: page.paper ? "plain" : "scroll" } : undefined,
    grid: { left: 4, right: 44, top: many ? 34 : 12, bottom: 4, containLabel: true },
    tooltip: { trigger: "axis", axisPointer: { type: "shadow" }, valueFormatter: (value) => told(value, figure.percent) },
    xAxis: figure.lying ? values : named(figure, page),
    yAxis: figure.lying ? named(figure, page) : values,
    series: figure.series.map((each, place) => series(each, place, figure, { stacked, small: page.paper && many })),
  };
}

function series(each, place, figure, { stacked, small }) {
  const lone = figure.series.length === 1;
  return {
    ...each,
    type: each.type ?? "bar",
    data: figure.paint === "steps" ? each.data.map((value, at) => ({ value, itemStyle: { color: STEPS[at] } })) : each.data,
    barMaxWidth: 22,
    barGap: "15%",
    symbol: "circle",
    symbolSize: 4,
    label: {
      show: !stacked && (lone || figure.lying) && figure.names.length <= 30 && each.type !== "line",
      position: figure.lying ? "right" : "top",
      color: INK,
      fontSize: small ? 8 : 11,
      formatter: ({ value }) => (value ? told(value, figure.percent) : ""),
    },
    markArea: figure.band && place === 0 ? band(figure) : undefined,
  };
}

/** The wanted range behind a histogram. */
function band(figure) {
  const [low, high] = figure.band.map((at) => Math.min(at, figure.names.length - 1));
  return {
    silent: true,
    itemStyle: { color: "rgba(0, 158, 115, 0.14)", borderColor: "#009e73", borderWidth: 1, borderType: "dashed" },
    label: { color: "#00664b", position: "insideTop" },
    data: [[{ name: figure.bandName, xAxis: figure.names[low] }, { xAxis: figure.names[high] }]],
  };
}

function boxes(figure, page) {
  return {
    legend: { top: 0, left: 0, data: figure.series.map((each) => each.name), itemHeight: 12 },
    grid: { left: 4, right: 12, top: 60, bottom: 4, containLabel: true },
    tooltip: {
      trigger: "item",
      formatter: ({ seriesName, name, value }) =>
        `${name} · ${seriesName}\n${[10, 25, 50, 75, 90].map((part, at) => `${part}%: ${number(value[at + 1], 1)}`).join("\n")}`,
    },
    xAxis: { ...named(figure, page), axisLabel: { color: INK, interval: 0, rotate: page.width < 520 ? 40 : 0, width: Math.max(70, page.width / figure.names.length - 12), overflow: "break" } },
    yAxis: axis(false, { name: figure.unit, nameTextStyle: { color: QUIET, align: "left" }, nameGap: 10 }),
    series: figure.series.map((each, place) => ({
      name: each.name,
      type: "boxplot",
      data: each.data,
      boxWidth: [6, 26],
      itemStyle: { color: place ? "#ffffff" : "#a6cee3", borderColor: place ? "#8a4b00" : "#0b4f7d", borderWidth: 1.5, borderType: place ? "dashed" : "solid" },
    })),
  };
}

function funnel(figure, page) {
  const narrow = page.width < 420;
  return {
    tooltip: { trigger: "item", formatter: ({ name, value }) => `${name}: ${number(value)}` },
    series: [{
      type: "funnel",
      sort: "ascending",
      left: "4%",
      right: narrow ? "4%" : "40%",
      top: 8,
      bottom: 8,
      minSize: "6%",
      gap: 3,
      label: { position: narrow ? "inside" : "right", color: INK, width: narrow ? undefined : page.width * 0.34, overflow: "break", formatter: ({ name, value }) => `${name}  ${number(value)}` },
      labelLine: { lineStyle: { color: "#c9ccce" } },
      itemStyle: { borderColor: TIERS[0], borderWidth: 1 },
      data: figure.items.map((each, at) => ({ ...each, itemStyle: { color: TIERS[at] } })),
    }],
  };
}
