// How many canvas pixels make one CSS pixel: what the screen has, and more for paper.

const PAPER = 3;

/** The pixel ratio to draw with now. */
export const ratio = () => (document.documentElement.classList.contains("printing") ? PAPER : window.devicePixelRatio || 1);
