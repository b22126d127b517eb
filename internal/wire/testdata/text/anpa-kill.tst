W2950coast
b i BC-HV--Haven-NightFerry BULLETIN KILL   03-02 0040
^BC-HV--Haven-Night Ferry, BULLETIN KILL<
^BULLETIN KILL<
^Eds: Members are asked to kill BC-HV--Haven-Night Ferry. The ferry did not land.<
	   The story is wrong. A substitute will not be filed.
 

	   HPA-WF-03-02-26 1720GMT<


