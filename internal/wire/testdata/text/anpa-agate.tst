z9631-----
r s BC-ROW--HavenLeague     03-02 0080
^BC-ROW--Haven League Glance< 
^Haven Rowing Standings= 
^All Times Local= 
^By The Haven Press Agency= 
^COAST DIVISION= 
^;W;L;Pct;GB 
Haven;23;13;.639;_ 
Port Aldous;19;17;.528;3{ 
Kestrel Island;10;26;.278;13 
	   ___= 
^Sunday's Races= 
	   Haven 7, Port Aldous 5 
	   Kestrel Island 1, Lighthouse 0< 

	   HPA-WF-03-02-26 0620GMT<


