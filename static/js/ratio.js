// How many canvas pixels make one CSS pixel: what the screen has, and more for paper.

const PAPER = 3;

/** Whether the page is laid out as a sheet of paper. */
export const onPaper = () => document.documentElement.classList.contains("printing");

/** The pixel ratio to draw with now. */
export const ratio = () => (onPaper() ? PAPER : window.devicePixelRatio || 1);
