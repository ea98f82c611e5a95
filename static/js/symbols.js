// Point shapes and fill patterns, so that colour is never the only sign of a state.

import { ratio } from "./ratio.js";

const SHAPES = ["circle", "diamond", "triangle", "square", "plus", "pentagon"];
const patterns = new Map();

/** The shape of a class: as declared, else by its place in the list. */
export function shapeOf(entry, index = 0) {
  return entry?.shape ?? SHAPES[Math.max(index, 0) % SHAPES.length];
}

function polygon(path, x, y, r, sides, turn) {
  for (let i = 0; i < sides; i += 1) {
    const angle = turn + (i * 2 * Math.PI) / sides;
    path[i ? "lineTo" : "moveTo"](x + r * Math.cos(angle), y + r * Math.sin(angle));
  }
  path.closePath();
}

function plus(path, x, y, r) {
  const a = r * 0.38;
  const corners = [[-a, -r], [a, -r], [a, -a], [r, -a], [r, a], [a, a], [a, r], [-a, r], [-a, a], [-r, a], [-r, -a], [-a, -a]];
  corners.forEach(([dx, dy], i) => path[i ? "lineTo" : "moveTo"](x + dx, y + dy));
  path.closePath();
}

function star(path, x, y, r) {
  for (let i = 0; i < 10; i += 1) {
    const [angle, reach] = [-Math.PI / 2 + (i * Math.PI) / 5, i % 2 ? r * 0.6 : r * 1.4];
    path[i ? "lineTo" : "moveTo"](x + reach * Math.cos(angle), y + reach * Math.sin(angle));
  }
  path.closePath();
}

function circle(path, x, y, r, back = false) {
  path.moveTo(x + r, y);
  path.arc(x, y, r, 0, 2 * Math.PI, back);
  path.closePath();
}

/** Adds a shape of about equal visual weight to a path. */
export function trace(path, shape, x, y, r) {
  if (shape === "diamond") polygon(path, x, y, r * 1.22, 4, 0);
  else if (shape === "triangle") polygon(path, x, y + r * 0.2, r * 1.32, 3, -Math.PI / 2);
  else if (shape === "square") path.rect(x - r * 0.88, y - r * 0.88, r * 1.76, r * 1.76);
  else if (shape === "plus") plus(path, x, y, r * 1.12);
  else if (shape === "pentagon") polygon(path, x, y, r * 1.12, 5, -Math.PI / 2);
  else if (shape === "star") star(path, x, y, r);
  else if (shape === "dot") circle(path, x, y, r * 0.6);
  else circle(path, x, y, r);
  if (shape === "ring") circle(path, x, y, r * 0.45, true);
}

/** Relative brightness 0..1 of a #rrggbb or #rgb colour. */
export function brightness(colour) {
  const hex = /^#([0-9a-f]{3,8})$/i.exec(colour ?? "")?.[1];
  if (!hex) return 1;
  const long = hex.length < 6 ? [...hex].map((c) => c + c).join("") : hex;
  const [r, g, b] = [0, 2, 4].map((i) => parseInt(long.slice(i, i + 2), 16) / 255);
  return 0.299 * r + 0.587 * g + 0.114 * b;
}

function strokes(ctx, kind) {
  const size = 8;
  if (kind === "dots") {
    for (const [x, y] of [[2, 2], [6, 6]]) {
      ctx.beginPath();
      ctx.arc(x, y, 0.9, 0, 2 * Math.PI);
      ctx.fill();
    }
    return;
  }
  ctx.beginPath();
  const lines = { diagonal: [1], back: [-1], cross: [1, -1], horizontal: [0] }[kind] ?? [1];
  for (const slope of lines) {
    if (slope === 0) { ctx.moveTo(0, 4); ctx.lineTo(size, 4); continue; }
    for (const shift of [-size, 0, size]) {
      ctx.moveTo(shift - 1, slope > 0 ? size + 1 : -1);
      ctx.lineTo(shift + size + 1, slope > 0 ? -1 : size + 1);
    }
  }
  ctx.stroke();
}

/** A repeating pattern (cross, dots, diagonal, back, horizontal) readable on the given fill; 8 px fits the 256 px tiles. */
export function pattern(ctx, kind, fill) {
  const sharp = ratio();
  const dark = brightness(fill) < 0.45;
  const key = `${kind}/${dark}/${sharp}`;
  if (!patterns.has(key)) {
    const tile = document.createElement("canvas");
    tile.width = tile.height = Math.round(8 * sharp);
    const pen = tile.getContext("2d");
    pen.scale(sharp, sharp);
    pen.strokeStyle = pen.fillStyle = dark ? "rgba(255,255,255,.62)" : "rgba(40,44,52,.42)";
    pen.lineWidth = 0.9;
    strokes(pen, kind);
    patterns.set(key, tile);
  }
  const made = ctx.createPattern(patterns.get(key), "repeat");
  made.setTransform(new DOMMatrix().scale(1 / sharp));
  return made;
}
