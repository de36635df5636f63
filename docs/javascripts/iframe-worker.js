// Browsers start no worker for a page that was opened from a folder. The search of the guide is one; here
// it runs in a hidden frame instead. Its name keeps the offline plugin from fetching a script from elsewhere.
if (location.protocol === "file:") {
  window.Worker = class extends EventTarget {
    constructor(url) {
      super()
      this.waiting = []
      this.frame = document.createElement("iframe")
      this.frame.hidden = true
      this.frame.srcdoc =
        "<script>postMessage = data => parent.postMessage(data, '*')</scr" + "ipt>" +
        `<script src="${new URL(url, location.href)}"></scr` + "ipt>"
      this.frame.addEventListener("load", () => {
        this.ready = true
        this.waiting.splice(0).forEach(data => this.postMessage(data))
      })
      window.addEventListener("message", event => {
        if (event.source === this.frame.contentWindow)
          this.dispatchEvent(new MessageEvent("message", { data: event.data }))
      })
      document.documentElement.appendChild(this.frame)
    }

    postMessage(data) {
      if (this.ready) this.frame.contentWindow.dispatchEvent(new MessageEvent("message", { data }))
      else this.waiting.push(data)
    }

    terminate() {
      this.frame.remove()
    }
  }
}
