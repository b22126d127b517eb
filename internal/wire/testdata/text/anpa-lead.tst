W2901coast
u i BC-HV--Haven-NightFerry 1stLd-Writethru   03-02 0150
^BC-HV--Haven-Night Ferry, 1st Ld-Writethru,140<
^Night ferry back in Haven, delayed by fog<
^Eds: UPDATES with delay, harbor master's quote.<
^The ferry is the first to use the old basin since it was closed three years ago.<
^By MARA LIND=
^Haven Press Agency=
	   HAVEN, North Coast (HPA) _ The night ferry came back to Haven on Monday, two hours late because of fog.
 
	   ``We have waited for this morning,'' said harbor master Tove Falk, while a brass band played on the quay of the old basin.
 

	   HPA-WF-03-02-26 1040EST<



