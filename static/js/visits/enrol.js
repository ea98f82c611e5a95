// Who can visit a household works in its grid: the list of people follows the household that is chosen.

const home = document.getElementById("c-home");
const staff = document.getElementById("c-staff");

function follow() {
  const { grid } = home.selectedOptions[0].dataset;
  for (const group of staff.querySelectorAll("optgroup")) group.hidden = group.disabled = group.dataset.grid !== grid;
  if (!staff.selectedOptions[0] || staff.selectedOptions[0].parentElement.disabled) {
    staff.value = staff.querySelector("optgroup:not([disabled]) option")?.value ?? "";
  }
}

home.addEventListener("change", follow);
follow();
