W2870coast
r i BC-HV--Haven-NightFerry     03-02 0120
^BC-HV--Haven-Night Ferry,110<
^Night ferry comes back to Haven after three years <
^HPA Photo HV101, HV102<
^Eds: With HPA Photos.<
^By MARA LIND and JON EK-BERG=
^Haven Press Agency=
	   HAVEN, North Coast (HPA) _ The night ferry came back to Haven on Monday, three years after the old basin was closed.
 
	   ``We have waited for this morning,'' said harbor master Tove Falk _ and a brass band that nobody had ordered played.
 
	   ___
 
	   HPA writer Ana Ruiz in Port Aldous helped with this story.
 

	   HPA-WF-03-02-26 0915GMT<



