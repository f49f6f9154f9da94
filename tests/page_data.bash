# page_data PAGE: the data that an HTML report draws, as JSON. It lies in the page as gzip, as base64.
page_data() {
	sed -n 's|.*<script[^>]* id="trace">\(.*\)</script>.*|\1|p' "$1" | base64 -d | gunzip
}
