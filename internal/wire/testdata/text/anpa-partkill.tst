W2951coast
r i BC-HV--Haven-Kill     03-02 0060
^BC-HV--Haven-Kill,50<
^Kill or cure for the old basin, asks Haven<
^Eds: KILL graf 3, which names a witness.<
	   HAVEN (HPA) _ The town of Haven asks itself what to do with its old basin.
 

	   HPA-WF-03-02-26 1820GMT<

