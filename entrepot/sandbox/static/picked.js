// Tell the course page, which is of this origin, that it has new activities.
if (parent !== window) parent.postMessage({ subject: "sandbox.added" }, location.origin);
