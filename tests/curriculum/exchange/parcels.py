"""Cartridges as Moodle, Canvas and others write them, made by hand, to be read and to be broken."""

from __future__ import annotations

from curriculum.exchange import archive

CC = "http://www.imsglobal.org/xsd/imsccv1p1/imscp_v1p1"
LOM = "http://ltsc.ieee.org/xsd/imsccv1p1/LOM/manifest"
LAUNCH = "https://learn.example.org/lti/launch"

QUIZ = """<?xml version="1.0" encoding="UTF-8"?>
<questestinterop xmlns="http://www.imsglobal.org/xsd/ims_qtiasiv1p2">
<assessment ident="q1" title="Check on duty"><section ident="root_section">
<item ident="i1"><itemmetadata><qtimetadata><qtimetadatafield><fieldlabel>cc_profile</fieldlabel>
<fieldentry>cc.multiple_choice.v0p1</fieldentry></qtimetadatafield></qtimetadata></itemmetadata>
<presentation><material><mattext texttype="text/html">&lt;p&gt;What is customs duty taken on?&lt;/p&gt;</mattext>
</material>
<response_lid ident="response1" rcardinality="Single"><render_choice>
<response_label ident="a"><material><mattext texttype="text/plain">The customs value</mattext></material>
</response_label>
<response_label ident="b"><material><mattext texttype="text/plain">The weight</mattext></material></response_label>
<response_label ident="c"><material><mattext texttype="text/plain">The distance</mattext></material></response_label>
</render_choice></response_lid></presentation>
<resprocessing><outcomes><decvar maxvalue="100" minvalue="0" varname="SCORE" vartype="Decimal"/></outcomes>
<respcondition continue="Yes"><conditionvar><varequal respident="response1">b</varequal></conditionvar>
<displayfeedback feedbacktype="Response" linkrefid="b_fb"/></respcondition>
<respcondition continue="No"><conditionvar><varequal respident="response1">a</varequal></conditionvar>
<setvar action="Set" varname="SCORE">100</setvar><displayfeedback feedbacktype="Response" linkrefid="correct_fb"/>
</respcondition></resprocessing>
<itemfeedback ident="b_fb"><flow_mat><material><mattext texttype="text/plain">Weight sets freight.</mattext></material>
</flow_mat></itemfeedback>
<itemfeedback ident="correct_fb"><flow_mat><material><mattext texttype="text/plain">Duty is a share of value.</mattext>
</material></flow_mat></itemfeedback></item>
<item ident="i2"><itemmetadata><qtimetadata><qtimetadatafield><fieldlabel>cc_profile</fieldlabel>
<fieldentry>cc.essay.v0p1</fieldentry></qtimetadatafield></qtimetadata></itemmetadata>
<presentation><material><mattext>Discuss.</mattext></material><response_str ident="r"><render_fib/></response_str>
</presentation></item>
<item ident="i3"><presentation><material><mattext>The code for tea is</mattext></material>
<response_str ident="r"><render_fib/></response_str></presentation><resprocessing><respcondition><conditionvar>
<varequal respident="r">0902</varequal></conditionvar><setvar varname="SCORE">100</setvar></respcondition>
</resprocessing></item>
<item ident="i4"><presentation><material><mattext>Which are Incoterms?</mattext></material>
<response_lid ident="r" rcardinality="Multiple"><render_choice>
<response_label ident="1"><material><mattext>DAP</mattext></material></response_label>
<response_label ident="2"><material><mattext>DDP</mattext></material></response_label>
<response_label ident="3"><material><mattext>DHL</mattext></material></response_label></render_choice></response_lid>
</presentation><resprocessing><respcondition><conditionvar><and><varequal respident="r">1</varequal>
<varequal respident="r">2</varequal><not><varequal respident="r">3</varequal></not></and></conditionvar>
<setvar varname="SCORE">100</setvar></respcondition></resprocessing></item>
</section></assessment></questestinterop>
"""
WEB = '<webLink xmlns="x"><title>EU customs</title><url href="https://taxation-customs.ec.europa.eu/a b"/></webLink>'
TALK = (
    '<topic xmlns="x"><title>Returns</title><text texttype="text/html">'
    "&lt;p&gt;Who pays for a return?&lt;/p&gt;&lt;ul&gt;&lt;li&gt;In the EU&lt;/li&gt;&lt;/ul&gt;</text></topic>"
)
PAGE = (
    "<html><head><title>Page title</title><style>p{}</style></head><body><h1>Duty</h1><p>Customs duty is taken on the "
    'customs value of goods.</p><p><a href="https://www.wto.org/valuation">WTO valuation</a></p><img src="x.png" '
    'alt="A form"><script>alert(1)</script></body></html>'
)
EVENTS = (
    '<events xmlns="http://canvas.instructure.com/xsd/cccv1p0"><event identifier="e1"><title>Port visit</title>'
    "<description>&lt;p&gt;Bring a helmet.&lt;/p&gt;</description><start_at>2019-03-01T09:00:00</start_at>"
    "</event></events>"
)


def tool(launch):
    """A link to a tool, as every version has it."""
    return (
        '<cartridge_basiclti_link xmlns="http://www.imsglobal.org/xsd/imslticc_v1p0" '
        'xmlns:blti="http://www.imsglobal.org/xsd/imsbasiclti_v1p0"><blti:title>Tool</blti:title>'
        f"<blti:launch_url>{launch}</blti:launch_url></cartridge_basiclti_link>"
    )


RESOURCES = {
    "R_page": ("webcontent", "wiki_content/duty.html"),
    "R_web": ("imswl_xmlv1p1", "web/link.xml"),
    "R_talk": ("imsdt_xmlv1p1", "talk.xml"),
    "R_quiz": ("imsqti_xmlv1p2/imscc_xmlv1p1/assessment", "quiz/assessment_qti.xml"),
    "R_tool": ("imsbasiclti_xmlv1p0", "lti/tool.xml"),
    "R_ours": ("imsbasiclti_xmlv1p0", "lti/ours.xml"),
    "R_pdf": ("webcontent", "web_resources/slides.pdf"),
}
FILES = {
    "wiki_content/duty.html": PAGE,
    "web/link.xml": WEB,
    "talk.xml": TALK,
    "quiz/assessment_qti.xml": QUIZ,
    "lti/tool.xml": tool("https://other.example.org/launch"),
    "lti/ours.xml": tool(f"{LAUNCH}?activity=case&amp;case=freight"),
    "web_resources/slides.pdf": "%PDF",
    "course_settings/events.xml": EVENTS,
}
TREE = (
    '<item identifier="m1"><title>Customs</title>'
    '<item identifier="a" identifierref="R_page"><title>What duty is</title></item>'
    '<item identifier="h"><title>Practice</title></item>'
    '<item identifier="b" identifierref="R_web"><title>EU customs</title></item>'
    '<item identifier="c" identifierref="R_quiz"><title>Check on duty</title></item>'
    '<item identifier="d" identifierref="R_ours"><title>A parcel</title></item>'
    '<item identifier="x" identifierref="R_tool"><title>Elsewhere</title></item>'
    '<item identifier="y" identifierref="R_pdf"><title>Slides</title></item>'
    '<item identifier="z" identifierref="R_gone"><title>Gone</title></item></item>'
    '<item identifier="m2"><title>Service</title><item identifier="u"><title>Returns</title>'
    '<item identifier="e" identifierref="R_talk"><title>Who pays?</title></item></item></item>'
)


def manifest(version="1.1.0", tree=TREE, resources=None, schema="IMS Common Cartridge", more=""):
    """A manifest."""
    listed = "".join(
        f'<resource identifier="{name}" type="{kind}"><file href="{path}"/></resource>\n'
        for name, (kind, path) in (RESOURCES if resources is None else resources).items()
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<manifest xmlns="{CC}" xmlns:lomimscc="{LOM}" identifier="M">\n'
        f"<metadata><schema>{schema}</schema><schemaversion>{version}</schemaversion><lomimscc:lom><lomimscc:general>"
        "<lomimscc:title><lomimscc:string>Trade law</lomimscc:string></lomimscc:title></lomimscc:general>"
        "<lomimscc:rights><lomimscc:description><lomimscc:string>CC BY 4.0</lomimscc:string></lomimscc:description>"
        f'</lomimscc:rights></lomimscc:lom></metadata>{more}\n<organizations><organization identifier="O">'
        f'<item identifier="LearningModules">{tree}</item></organization></organizations>\n'
        f"<resources>\n{listed}</resources></manifest>"
    )


def parcel(manifest_=None, files=None, **more):
    """A cartridge with the parts above, changed."""
    inside = {
        "imsmanifest.xml": manifest() if manifest_ is None else manifest_,
        **(FILES if files is None else files),
        **more,
    }
    return archive.pack({name: one if isinstance(one, bytes) else one.encode() for name, one in inside.items()})
