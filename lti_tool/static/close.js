// Tells the LMS around this page that the registration is over (1EdTech LTI Dynamic Registration 1.0, section 3.7).
// The message holds nothing, so it may go to whatever frames or opened the page; without scripts the window is closed by hand.
const button = document.getElementById("close");
button.hidden = false;
button.addEventListener("click", () => {
  (window.opener || window.parent).postMessage({ subject: "org.imsglobal.lti.close" }, "*");
});
