package parquet
import ("testing";"path/filepath";"fmt";"strings";"time")
func TestExplore(t *testing.T){
 root:="/work/shared/data/parquet-testing"
 var ps []string
 for _,g:=range []string{"*.parquet","*.encrypted","aes256/*","geospatial/*.parquet"}{m,_:=filepath.Glob(root+"/"+g);ps=append(ps,m...)}
 for _,p:=range ps{
  st:=time.Now()
  f,err:=openPath(p)
  if err!=nil{fmt.Println("OPENERR",err);continue}
  var uns []string
  n:=0
  for _,x:=range f.Fields(){ if x.Unsupported!=""{uns=append(uns,x.Name+": "+x.Unsupported)}else{n++}}
  _,err=readColumns(t,f,1000)
  s:="ok"; if err!=nil{s="ERR "+err.Error()}
  fmt.Println(filepath.Base(p),f.Rows(),"rows",n,"cols",s,time.Since(st).Milliseconds(),"ms",strings.Join(uns[:min(2,len(uns))],"; "))
 }
}
